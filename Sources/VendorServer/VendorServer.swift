// VendorServer: see the architecture.
