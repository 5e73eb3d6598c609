print("faultline: not built yet")
