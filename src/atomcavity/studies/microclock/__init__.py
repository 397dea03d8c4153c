"""The microclock of Yu, Chen and Zhang (2023): pulsed superradiance of 87Sr around a silica microsphere."""
