"""What the group works with 资源: systems, services, rooms, lines, suppliers; and who needs whom."""
