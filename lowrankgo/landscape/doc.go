// Package landscape says what kind of point a point is, and evaluates every
// definition, lemma and theorem of the two papers as numbers.
package landscape
