print("tdxbench")
