"""From a smoothed classifier and inputs to certificates: plan, sample, judge."""
