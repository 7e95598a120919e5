"""Device reader: EEG sources behind one port, and the actor that reads them."""
