"""The rules, one module a family; importing this registers them all, in the order of the modules' names."""

from importlib import import_module
from pkgutil import iter_modules

for _module in sorted(each.name for each in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
