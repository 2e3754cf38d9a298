// Package initial makes starting points. A start is a config struct whose
// zero value works; Point makes factors of a problem's shape.
//
//	Random    independent normal entries              any problem
//	Zero      U = V = 0                               any problem
//	Saddle    a critical point that is not a minimum  problems with a target
//	Spectral  a scaled rank-r part of −∇f(0)          problems with MulGrad
//
// The theorems of both papers hold from any start, and each start shows
// another side of that. Spectral is the closest to the answer: for sensing and
// completion it is what earlier theory needed. Random with its default scale is
// the plain test that it is not needed; Random{Scale: 0.01} begins near zero,
// where methods linger before they find a way down, and Random{Scale: 100} far
// out, where the objective is of order four in the entries and only methods
// that find their own steps survive. Zero and Saddle are points that plain
// gradient descent never leaves, since the gradient there is 0: only a method
// that adds noise or looks at the curvature does.
//
// A start depends on its seed alone, not on the number of threads; U and V
// have streams of their own.
package initial
