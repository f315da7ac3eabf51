//! Partner Center over HTTP: sign-in and its rotation, the listing and its pages, one referral by id. Read-only.
