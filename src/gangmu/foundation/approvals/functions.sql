-- What pages need of accounts and assignments that the web role may not read by itself.
SELECT 1;
