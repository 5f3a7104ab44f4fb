"""Community facilities and the renovation of old estates, for the planners of China's cities."""
