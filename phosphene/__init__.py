"""What other programs import of Phosphene: `phosphene.client`."""
