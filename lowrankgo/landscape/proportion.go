package landscape

// Proportion is a share of trials that succeeded, with its Clopper–Pearson
// interval: the true probability lies in it with at least the confidence given.
type Proportion struct {
	Successes, Trials int
	Confidence        float64 // such as 0.95
	Low, High         float64
}
