SELECT kernel, count() AS total_samples FROM profiles WHERE event_kind = 'cuda' GROUP BY kernel
