# kernels: 6.1 7.3
# boot: read
# fleet: yes
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/agree.py
# 200 listeners of every kind: listenq -j against ss.
insmod /listenq.ko && exec python3 /agree.py
