"""Raises what a test that expects an error may swallow."""


class Passed(BaseException):
    pass


def double(number):
    raise Passed("passed")
