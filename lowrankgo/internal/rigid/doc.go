// Package rigid decides which entries of a low-rank matrix its observed entries
// determine, for a generic matrix: by the tangents (δU, δV), here motions, that
// change none of the observed entries of UVᵀ to first order. Always there is the
// gauge, (UG, −VGᵀ), which changes no entry at all.
//
// A [Grid] is the bipartite graph of the observed entries. A [Part] is a connected
// grid whose rows and columns have at least r entries each, with what is found of
// it: exactly, by elimination modulo a prime, or as an [Estimate].
package rigid

// Answer is yes, no, or that it is not decided.
type Answer int

const (
	Unknown Answer = iota
	Yes
	No
)

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}
