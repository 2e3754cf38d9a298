package tiles

import "math"

// Bar is what an entry must reach to be among the largest of its line: more
// than Size, or Size at a position up to Last. Nothing passes where Size is
// +Inf and Last −1.
type Bar struct {
	Size float64
	Last int32
}

// Passes reports whether an entry of magnitude size at a position passes.
func (b Bar) Passes(size float64, at int) bool {
	return size > b.Size || (size == b.Size && at <= int(b.Last))
}

// BarOf finds the bar of a line of which most entries may pass; of those of one
// size it prefers the first. sizes are the magnitudes of at least so many of its
// entries, the largest among them, and are permuted. Entries that are 0 may
// pass.
func BarOf(line, sizes []float64, most int) Bar {
	if most < 1 {
		return Bar{math.Inf(1), -1}
	}
	size, ties := Cut(sizes, most)
	at := -1
	for ; ties > 0; ties-- {
		for at++; at < len(line) && math.Abs(line[at]) != size; at++ {
		}
	}
	return Bar{size, int32(at)}
}
