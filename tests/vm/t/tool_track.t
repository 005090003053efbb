# kernels: 6.1 7.3
# boot: track
# fleet: yes
# image: yes
# timeout: 300
# files: tests/vm/genl.py tests/vm/t/tool_track.py
# What the tool says of drops, episodes and events, against what was done.
# A quiet time that a slow machine does not mistake for the end of an episode.
insmod /listenq.ko quiet_ms=3000 && exec python3 /tool_track.py
