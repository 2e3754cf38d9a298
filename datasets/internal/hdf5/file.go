// Package hdf5 reads what MATLAB and h5py write into HDF5 files: groups with
// symbol tables or link messages, and datasets of numbers that are compact,
// contiguous, or in chunks indexed by a B-tree of version 1, through the
// filters deflate, shuffle and Fletcher-32.
//
// Every offset and length is held against the bytes that are there before it is
// used, trees and chains of blocks are bounded, and no memory is asked for on
// the word of a header alone.
//
// Source: The HDF Group, HDF5 File Format Specification, version 3.0.
package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrFormat is wrapped by every error of this package.
var ErrFormat = errors.New("not HDF5 as it is read here")

func errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrFormat)
}

// Magic is what an HDF5 file begins with, behind its user block.
const Magic = "\x89HDF\r\n\x1a\n"

const undefined = ^uint64(0)

// File is an HDF5 file in memory.
type File struct {
	b       []byte // from the superblock on: addresses count from there
	offSize int    // bytes of an address
	lenSize int    // bytes of a length
	root    uint64 // address of the root group
	budget  int64  // bytes that datasets may still hold
	msgs    int    // messages that may still be read
}

// Find returns where the file begins behind a user block of 0, 512, 1024, …
// bytes, or −1.
func Find(b []byte) int {
	for at := 0; at < len(b); at = max(512, 2*at) {
		if bytes.HasPrefix(b[at:], []byte(Magic)) {
			return at
		}
	}
	return -1
}

// Open reads the superblock. maxBytes bounds what its datasets may hold.
func Open(b []byte, maxBytes int64) (*File, error) {
	at := Find(b)
	if at < 0 {
		return nil, errorf("the signature is missing")
	}
	f := &File{b: b[at:], budget: maxBytes, msgs: maxMessages}
	c := f.at(8)
	switch version := c.u(1); version {
	case 0, 1:
		c.skip(4)
		f.sizes(c)
		c.skip(9) // reserved, the k of leaves and of nodes, flags
		if version == 1 {
			c.skip(4)
		}
		c.skip(4*f.offSize + f.offSize) // base, free space, end, driver; name of the root
		f.root = c.u(f.offSize)
	case 2, 3:
		f.sizes(c)
		c.skip(1 + 3*f.offSize)
		f.root = c.u(f.offSize)
	default:
		return nil, errorf("superblock version %d", version)
	}
	if c.bad || !validSize(f.offSize) || !validSize(f.lenSize) {
		return nil, errorf("the superblock is damaged")
	}
	return f, nil
}

func (f *File) sizes(c *cursor) { f.offSize, f.lenSize = int(c.u(1)), int(c.u(1)) }

func validSize(n int) bool { return n == 4 || n == 8 }

// cursor reads little-endian numbers and notes when the bytes end.
type cursor struct {
	b   []byte
	bad bool
}

// at is a cursor on the bytes from an address on.
func (f *File) at(addr uint64) *cursor {
	if addr > uint64(len(f.b)) {
		return &cursor{bad: true}
	}
	return &cursor{b: f.b[addr:]}
}

// bytes returns the next n bytes, or nil.
func (c *cursor) bytes(n int) []byte {
	if c.bad || n < 0 || n > len(c.b) {
		c.bad = true
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) skip(n int) { c.bytes(n) }

// u reads an unsigned number of n ≤ 8 bytes. All ones mean undefined in an
// address of any size.
func (c *cursor) u(n int) uint64 {
	var wide [8]byte
	if n < 0 || n > 8 {
		c.bad = true
		return 0
	}
	copy(wide[:], c.bytes(n))
	x := binary.LittleEndian.Uint64(wide[:])
	if n == 4 && x == 1<<32-1 {
		return undefined
	}
	return x
}

func (c *cursor) signature(want string) bool { return string(c.bytes(len(want))) == want && !c.bad }

// message is one message of an object's header.
type message struct {
	kind int
	data []byte
}

// Kinds of messages.
const (
	msgDataspace = 0x01
	msgLinkInfo  = 0x02
	msgDatatype  = 0x03
	msgLink      = 0x06
	msgLayout    = 0x08
	msgFilters   = 0x0b
	msgAttribute = 0x0c
	msgContinue  = 0x10
	msgTable     = 0x11
)

// limits of what a file that is no trap holds.
const (
	maxBlocks   = 1 << 12 // of one object's header
	maxMessages = 1 << 18 // of all headers together
	maxDepth    = 32      // of a tree
	maxNodes    = 1 << 20
)

// block is a stretch of an object's header.
type block struct{ from, length uint64 }

// messages reads the header of the object at addr.
func (f *File) messages(addr uint64) ([]message, error) {
	c := f.at(addr)
	if bytes.HasPrefix(c.b, []byte("OHDR")) {
		return f.messages2(addr)
	}
	if version := c.u(1); version != 1 || c.bad {
		return nil, errorf("there is no object header at %d", addr)
	}
	c.skip(1)
	count := int(c.u(2))
	c.skip(4)
	size := c.u(4)
	var out []message
	blocks := []block{{addr + 16, size}}
	for k := 0; k < len(blocks) && k < maxBlocks; k++ {
		c := f.at(blocks[k].from)
		c = &cursor{b: c.bytes(clip(blocks[k].length))}
		if c.b == nil {
			return nil, errorf("the object header at %d is cut off", addr)
		}
		for len(c.b) >= 8 && len(out) < count {
			kind, n := int(c.u(2)), int(c.u(2))
			flags := c.u(1)
			c.skip(3)
			data := c.bytes(n)
			if c.bad {
				return nil, errorf("a message of the object at %d is cut off", addr)
			}
			if f.msgs--; f.msgs < 0 {
				return nil, errTooMany
			}
			out = append(out, message{shared(kind, flags), data})
			blocks = f.follow(blocks, kind, data)
		}
	}
	return out, nil
}

var errTooMany = errorf("the headers of its objects have more than %d messages", maxMessages)

// clip makes a length an int, too large a one a length that is never there.
func clip(n uint64) int { return int(min(n, math.MaxInt)) }

// shared gives a message whose data lie elsewhere the kind −1, that of none.
func shared(kind int, flags uint64) int {
	if flags&2 != 0 {
		return -1
	}
	return kind
}

// follow adds the block that a continuation names.
func (f *File) follow(blocks []block, kind int, data []byte) []block {
	if kind != msgContinue {
		return blocks
	}
	c := &cursor{b: data}
	next := block{c.u(f.offSize), c.u(f.lenSize)}
	if c.bad {
		return blocks
	}
	return append(blocks, next)
}

// messages2 reads a header of version 2.
func (f *File) messages2(addr uint64) ([]message, error) {
	c := f.at(addr)
	c.skip(4)
	version, flags := c.u(1), c.u(1)
	if flags&0x20 != 0 {
		c.skip(16)
	}
	if flags&0x10 != 0 {
		c.skip(4)
	}
	size := c.u(1 << (flags & 3))
	if c.bad || version != 2 {
		return nil, errorf("the object header at %d is damaged", addr)
	}
	start := uint64(len(f.b) - len(c.b))
	var out []message
	blocks := []block{{start, size}}
	for k := 0; k < len(blocks) && k < maxBlocks; k++ {
		from, length := blocks[k].from, blocks[k].length
		if k > 0 { // "OCHK", messages, checksum
			if !f.at(from).signature("OCHK") || length < 8 {
				return nil, errorf("a block of the object at %d is damaged", addr)
			}
			from, length = from+4, length-8
		}
		c := &cursor{b: f.at(from).bytes(clip(length))}
		if c.b == nil {
			return nil, errorf("the object header at %d is cut off", addr)
		}
		for len(c.b) >= 4 {
			kind, n := int(c.u(1)), int(c.u(2))
			msgFlags := c.u(1)
			if flags&4 != 0 {
				c.skip(2)
			}
			data := c.bytes(n)
			if c.bad {
				break // a gap at the end of the block
			}
			if f.msgs--; f.msgs < 0 {
				return nil, errTooMany
			}
			out = append(out, message{shared(kind, msgFlags), data})
			blocks = f.follow(blocks, kind, data)
		}
	}
	return out, nil
}
