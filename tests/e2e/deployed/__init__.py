"""The composition of deploy/, run without containers: from the checkout by a test, and from the image's own steps by `make rehearse`."""
