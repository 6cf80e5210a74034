#!/bin/sh
# The main job on the sample files, on the command line: demo.sh LECTERN SAMPLES
set -eu
lectern=$1
samples=$2

ask() { # ask FILE QUESTION
    printf '\n\033[1m%s\033[0m  %s\n' "$(basename "$1")" "$2"
    "$lectern" ask "$1" -q "$2" --seed 1 --max-tokens 60
}
ask "$samples/invoice.pdf" "What is the due date?"
ask "$samples/settings.png" "When is the last update?"
ask "$samples/lamp.mp4" "When does Library appear?"
printf '\nUnder each answer: the words that it quotes, looked up in the file (✓ found, ▤ found in text read from a picture, → elsewhere, ○ to be looked at, ? not found).\n'
printf 'The sample model reads labelled values, in text far better than in pictures, and names titles that it knows in videos (see README).\n'
printf 'The window opens with: make run\n'
