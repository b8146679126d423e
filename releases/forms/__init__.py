"""Forms: what people enter, checked for its shape; whether it may be done is the actions' part."""
