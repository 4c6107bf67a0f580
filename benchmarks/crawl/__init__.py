"""What a crawl costs in CPU and memory."""
