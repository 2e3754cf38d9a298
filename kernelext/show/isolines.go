package show

import (
	"math"

	"gonum.org/v1/plot/plotter"
)

// side is a side of a cell of a grid, by the grid's edge that it is: every
// edge belongs to at most two cells.
type side struct {
	i, j  int  // its lower left point
	along byte // 'x' or 'y'
}

// level returns the lines on which the grid's function is z, by marching
// squares: a line runs straight through each cell, from side to side. Lines
// are in the order in which the grid's rows meet them.
func (g *grid2) level(z float64) []plotter.XYs {
	next := make(map[side][]side) // from a side to the one or two that a line goes on to
	var order []side
	join := func(a, b side) {
		for _, s := range [2]side{a, b} {
			if next[s] == nil {
				order = append(order, s)
			}
		}
		next[a], next[b] = append(next[a], b), append(next[b], a)
	}
	for j := range g.n - 1 {
		for i := range g.n - 1 {
			g.march(i, j, z, join)
		}
	}
	used := make(map[side]bool)
	var lines []plotter.XYs
	// Open lines begin at a side with one neighbour; what remains is closed.
	for _, ends := range []bool{true, false} {
		for _, s := range order {
			if !used[s] && (len(next[s]) == 1 || !ends) {
				lines = append(lines, g.follow(s, z, next, used))
			}
		}
	}
	return lines
}

// march joins the sides that the level crosses in one cell.
func (g *grid2) march(i, j int, z float64, join func(a, b side)) {
	corners := [4]float64{g.at(i, j), g.at(i+1, j), g.at(i+1, j+1), g.at(i, j+1)}
	sides := [4]side{{i, j, 'x'}, {i + 1, j, 'y'}, {i, j + 1, 'x'}, {i, j, 'y'}}
	var crossed []int
	for k := range 4 {
		if math.IsNaN(corners[k]) {
			return
		}
		if (corners[k] >= z) != (corners[(k+1)%4] >= z) {
			crossed = append(crossed, k)
		}
	}
	switch len(crossed) {
	case 2:
		join(sides[crossed[0]], sides[crossed[1]])
	case 4: // a saddle in the cell: its centre says which corners are together
		centre := (corners[0] + corners[1] + corners[2] + corners[3]) / 4
		if (centre >= z) == (corners[0] >= z) {
			join(sides[0], sides[1])
			join(sides[2], sides[3])
		} else {
			join(sides[3], sides[0])
			join(sides[1], sides[2])
		}
	}
}

// follow walks along a line from one of its sides.
func (g *grid2) follow(s side, z float64, next map[side][]side, used map[side]bool) plotter.XYs {
	start := s
	line := plotter.XYs{g.crossing(s, z)}
	for used[s] = true; ; {
		var to *side
		for k := range next[s] {
			if !used[next[s][k]] {
				to = &next[s][k]
				break
			}
		}
		if to == nil {
			break
		}
		s = *to
		used[s] = true
		line = append(line, g.crossing(s, z))
	}
	for _, n := range next[s] {
		if n == start && len(line) > 2 { // closed
			line = append(line, line[0])
		}
	}
	return line
}

// crossing is where the function is z on a side.
func (g *grid2) crossing(s side, z float64) plotter.XY {
	a := g.at(s.i, s.j)
	if s.along == 'x' {
		t := (z - a) / (g.at(s.i+1, s.j) - a)
		return plotter.XY{X: g.x(s.i) + t*(g.x(s.i+1)-g.x(s.i)), Y: g.y(s.j)}
	}
	t := (z - a) / (g.at(s.i, s.j+1) - a)
	return plotter.XY{X: g.x(s.i), Y: g.y(s.j) + t*(g.y(s.j+1)-g.y(s.j))}
}
