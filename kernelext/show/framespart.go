package show

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// frameColumn is one part of a film, at the frames that are shown.
type frameColumn struct {
	FramePart
	tiles       []*cells
	least, most float64 // of the finite values
	missing     int
	lo, hi      float64 // at the ends of the colours
	colors      colorMap
}

// greys is black to white.
var greys = colorMap{hex(0x000000), hex(0xffffff)}

// column reads the chosen frames of a part and gives them their colours.
func (f Frames) column(p FramePart, chosen []int) *frameColumn {
	c := &frameColumn{FramePart: p, least: math.Inf(1), most: math.Inf(-1), colors: greys}
	for _, k := range chosen {
		tile := newCells(frameView{f, p, k})
		tile.zeroOnTop = true
		c.tiles = append(c.tiles, tile)
		c.missing += tile.missing
		if tile.missing < f.Height*f.Width {
			c.least, c.most = math.Min(c.least, tile.least), math.Max(c.most, tile.most)
		}
	}
	if c.least > c.most { // everything is missing
		c.least, c.most = 0, 0
	}
	c.lo, c.hi = p.scale(c.least, c.most)
	if p.Signed {
		c.colors = blueRed
	}
	for _, tile := range c.tiles {
		tile.lo, tile.hi, tile.colors = c.lo, c.hi, c.colors
	}
	return c
}

// scale is the range of the colours, of values from least to most.
func (p FramePart) scale(least, most float64) (lo, hi float64) {
	switch {
	case p.Mask:
		return 0, 1
	case p.Signed && p.Hi > 0:
		return -p.Hi, p.Hi
	case p.Signed:
		hi = math.Max(math.Abs(least), math.Abs(most))
		if hi == 0 {
			hi = 1
		}
		return -hi, hi
	case p.Lo != 0 || p.Hi != 0:
		return p.Lo, p.Hi
	}
	for _, white := range []float64{1, 255} {
		if most >= 0 && least >= -most/20 && most <= white*1.05 {
			return 0, white
		}
	}
	if least == most {
		room := math.Abs(least) * 0.1
		return least - room, most + room
	}
	return least, most
}

// frameView is a frame of a part as a matrix of its pixels.
type frameView struct {
	film  Frames
	part  FramePart
	frame int
}

// Dims implements mat.Matrix.
func (v frameView) Dims() (rows, cols int) { return v.film.Height, v.film.Width }

// At implements mat.Matrix.
func (v frameView) At(y, x int) float64 {
	i, j := y*v.film.Width+x, v.frame
	if v.film.AsRows {
		i, j = j, i
	}
	value := v.part.M.At(i, j)
	if v.part.Mask && value != 0 && !math.IsNaN(value) {
		return 1
	}
	return value
}

// T implements mat.Matrix.
func (v frameView) T() mat.Matrix { return mat.Transpose{Matrix: v} }

// describe says in words what a column shows.
func (c *frameColumn) describe() string {
	text := orDefault(c.Name, "part") + ": "
	ends := fmt.Sprintf("from %s to %s", formatNumber(c.lo, 4), formatNumber(c.hi, 4))
	values := fmt.Sprintf("values %s to %s", formatNumber(c.least, 4), formatNumber(c.most, 4))
	switch {
	case c.Mask:
		white, all := c.white()
		text += fmt.Sprintf("%d of %d pixels white", white, all)
	case c.Signed:
		text += "blue to red " + ends + ", " + values
	default:
		text += "black to white " + ends + ", " + values
	}
	if c.missing > 0 {
		text += fmt.Sprintf("; %d pixels missing", c.missing)
	}
	return text
}

// white counts the pixels of a mask that are white.
func (c *frameColumn) white() (white, all int) {
	for _, t := range c.tiles {
		for _, v := range t.data.RawMatrix().Data {
			if v == 1 {
				white++
			}
			all++
		}
	}
	return white, all
}
