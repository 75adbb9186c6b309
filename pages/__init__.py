"""What people see: HTML pages, one folder per journey. Composes the apps; nothing imports it but the addresses."""
