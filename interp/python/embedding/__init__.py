"""What embed.py does with the sources of a browser's module before it embeds them."""
