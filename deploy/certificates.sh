#!/bin/sh
# Make a certificate authority and one certificate for scheduler, workers and client: certificates.sh [FOLDER [DAYS]]
# Whoever has the folder may use the cluster, and read what goes through it.
set -eu
folder=${1:-tls} days=${2:-90}
umask 077
mkdir -p "$folder"
cd "$folder"
make="openssl req -x509 -newkey rsa:3072 -nodes -days $days"
$make -subj /CN=autograder -keyout ca.key -out ca.pem 2>/dev/null
$make -subj /CN=cluster -CA ca.pem -CAkey ca.key -keyout cluster.key -out cluster.pem 2>/dev/null
cat <<SAY
In the shell that grades:
  export DASK_DISTRIBUTED__COMM__TLS__CA_FILE=$PWD/ca.pem
  export DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT=$PWD/cluster.pem
  export DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY=$PWD/cluster.key
SAY
