// Package solver holds the methods: each is a config struct whose zero value
// works, given to lowrankgo.Solve or Start.
//
//	method   needs              use it
//	GD       value and gradient as the papers do; the reference for all others
package solver
