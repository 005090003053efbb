# kernels: 6.1 7.3
# boot: load
# fleet: yes
# cpus: 2
# mem: 1536
# timeout: 400
# image: yes
# files: tests/vm/genl.py tests/vm/t/churn.py
# Dumps while listeners are opened and closed at full speed.
insmod /listenq.ko && exec python3 /churn.py ${short:+20}
