"""Courses and quizzes: who has learned something gets points taken off, as the policy of points says."""
