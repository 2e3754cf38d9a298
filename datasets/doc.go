// Package datasets holds real data to try methods on, with their source and
// terms, and what an experiment needs to hide a part of them.
//
// The data are embedded: nothing is fetched. [List] names them; each has a
// function of its own that returns typed data, at present [SeaSurface].
//
//	sea, err := datasets.SeaSurface()
//	all := datasets.Observed(sea.Unfold())       // the cells that have a value
//	train, hidden, err := all.Split(0.3, 1)      // hide 30 % of them, seed 1
//	mean, err := train.ColumnMeans()             // a baseline
//	rmse, err := hidden.RMSE(mean)               // in °C
//
// A cell without a value is NaN throughout.
package datasets
