# kernels: 6.1 7.3
# boot: track
# fleet: yes
# cpus: 1 2
# mem: 768
# timeout: 400
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_episodes.py
# What overflowed while nobody looked is found afterwards, by those who may.
exec python3 /track_episodes.py
