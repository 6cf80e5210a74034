"""A second small model, of E4B's form, that learns to hear: words spoken by a synthesiser, written down one a line.

    python -m model.training.speech --work DIR --minutes N [--export FOLDER]    # run again to go on

It needs the program ``espeak-ng``. Nothing of it ships: it is there so that the way of sound can be true at least once.
"""
