"""Keras layers and networks that tasks share.

Functions that build a network take `sample`, training inputs from which shape, dtype and scale are taken, and
`n_classes`, the number of logits. Images have shape (n, height, width, channels). Random layers take the `seed` of
`visiontk.blocks.random_layer.RandomLayer`.
"""
