"""The core of a repair or service business."""
