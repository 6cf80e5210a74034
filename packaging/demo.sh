#!/bin/sh
# The main job on the sample files, on the command line: demo.sh LECTERN SAMPLES
set -eu
lectern=$1
samples=$2
hearing=$samples/../hearing_model

ask() { # ask FILE QUESTION [OPTIONS]
    file=$1 question=$2
    shift 2
    printf '\n\033[1m%s\033[0m  %s\n' "$(basename "$file")" "$question"
    "$lectern" ask "$file" -q "$question" --seed 1 --max-tokens 60 "$@"
}
ask "$samples/invoice.pdf" "What is the due date?"
ask "$samples/settings.png" "When is the last update?"
ask "$samples/lamp.mp4" "When does Library appear?"
printf '\n\033[1mwords.ogg\033[0m  what is said in it, by the sample model that hears\n'
"$lectern" transcribe "$samples/words.ogg" --model "$hearing"
ask "$samples/words.ogg" "What is said at 00:08?" --model "$hearing" --ears "$hearing"
printf '\nUnder each answer: the words that it quotes, looked up in the file (✓ found, ▤ found in text read from a picture, ♪ heard by a model, → elsewhere, ○ to be looked at, ? not found).\n'
printf 'The sample model reads labelled values, in text far better than in pictures, and names titles that it knows in videos (see README).\n'
printf 'The window opens with: make run\n'
