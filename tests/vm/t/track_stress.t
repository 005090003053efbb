# kernels: 6.1 7.3 memory locking
# boot: load
# cpus: 2
# mem: 1024
# timeout: 900
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_stress.py
# Tracking comes and goes under load, and leaves nothing behind.
case $(uname -r) in
*-memory | *-locking | *-race) rounds=10 ;;
# of both kinds on the two stock kernels: 200
*) rounds=50 ;;
esac
exec python3 /track_stress.py $rounds
