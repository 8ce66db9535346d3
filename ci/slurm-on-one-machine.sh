#!/usr/bin/env bash
# Runs a command beside a Slurm of one node that lives as long as the command does, to try `slurm.sbatch` without a cluster:
#
#     bash ci/slurm-on-one-machine.sh sbatch --wait ci/slurm.sbatch
#
# Needs Debian's slurm-wlm and munge, started or not. All that the daemons write is in a folder of its own, they listen on
# ports of their own, and no other user's rights are needed.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }
PATH="$PATH:/usr/sbin:/sbin"
for program in munged slurmctld slurmd sinfo; do
    command -v "$program" >/dev/null || { echo "\`$program\` is not there: apt-get install slurm-wlm munge" >&2; exit 2; }
done

# munged wants folders that nobody else can write to on the way to its socket; /tmp's are.
folder=$(mktemp -d /tmp/slurm.XXXXXX)
chmod 755 "$folder"
mkdir -m 700 "$folder/munge"
mkdir "$folder/run" "$folder/state" "$folder/spool"
user=$(id -un)
node=$(hostname -s)
port=$((20000 + $$ % 20000))
daemons=()

finish() {
    local status=$?
    kill "${daemons[@]}" 2>/dev/null || true
    wait "${daemons[@]}" 2>/dev/null || true
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT

(umask 077 && head -c 1024 /dev/urandom >"$folder/munge/key")
cat >"$folder/slurm.conf" <<CONF
ClusterName=one-machine
SlurmctldHost=$node(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# Two tasks at a time, however many cores there are.
SlurmdParameters=config_overrides
NodeName=$node NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"

start() {
    local name=$1
    shift
    "$@" >"$folder/run/$name.log" 2>&1 &
    daemons+=($!)
}

# Runs a command until it goes well, for half a minute.
until_well() {
    for _ in $(seq 150); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    echo "\`$*\` does not go well; the daemons say:" >&2
    tail -n 20 "$folder"/run/*.log >&2
    exit 70
}

is_idle() { sinfo --noheader --format %t | grep -qx idle; }

start munged munged --foreground --num-threads=2 --key-file="$folder/munge/key" --seed-file="$folder/munge/seed" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --socket="$folder/run/munge.socket"
until_well test -S "$folder/run/munge.socket"
start slurmctld slurmctld -D
start slurmd slurmd -D -N "$node"
until_well is_idle

status=0
"$@" || status=$?
exit "$status"
