"""Components of the sign-in and sign-up forms."""
