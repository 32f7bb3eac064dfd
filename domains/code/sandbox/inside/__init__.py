"""What runs behind the wall. A worker loads these files alone: they import the standard library and each other."""
