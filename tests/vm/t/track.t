# kernels: 6.1 7.3 memory locking
# cpus: 1 2
# mem: 768
# timeout: 900
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track.py
# Drops by cause, exactly as the kernel counts them.
case $(uname -r) in
*-memory | *-locking | *-race) drops=100 ;;
*) drops=2000 ;;
esac
insmod /listenq.ko && exec python3 /track.py $drops
