package hdf5

import "bytes"

// Object is a group or a dataset.
type Object struct {
	Name string
	f    *File
	msgs []message
}

// Root is the group at the top.
func (f *File) Root() (*Object, error) { return f.object("/", f.root) }

func (f *File) object(name string, addr uint64) (*Object, error) {
	msgs, err := f.messages(addr)
	return &Object{Name: name, f: f, msgs: msgs}, err
}

// message returns the first message of a kind.
func (o *Object) message(kind int) ([]byte, bool) {
	for _, m := range o.msgs {
		if m.kind == kind {
			return m.data, true
		}
	}
	return nil, false
}

// IsDataset reports whether the object holds data; else it is a group.
func (o *Object) IsDataset() bool {
	_, ok := o.message(msgLayout)
	return ok
}

// Children returns the objects of a group in the file's order.
func (o *Object) Children() ([]*Object, error) {
	var out []*Object
	add := func(name string, addr uint64) error {
		if len(out) >= maxMessages {
			return errorf("group %q has more than %d members", o.Name, maxMessages)
		}
		child, err := o.f.object(name, addr)
		if err != nil {
			return err
		}
		out = append(out, child)
		return nil
	}
	for _, m := range o.msgs {
		var err error
		switch m.kind {
		case msgTable:
			err = o.f.symbolTable(m.data, add)
		case msgLink:
			err = o.f.link(m.data, add)
		case msgLinkInfo:
			err = o.f.linkInfo(m.data)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// link reads a link message; soft and external links are left out.
func (f *File) link(data []byte, add func(string, uint64) error) error {
	c := &cursor{b: data}
	version, flags := c.u(1), c.u(1)
	kind := uint64(0)
	if flags&8 != 0 {
		kind = c.u(1)
	}
	if flags&4 != 0 {
		c.skip(8)
	}
	if flags&16 != 0 {
		c.skip(1)
	}
	name := string(c.bytes(clip(c.u(1 << (flags & 3)))))
	if c.bad || version != 1 {
		return errorf("a link is damaged")
	}
	if kind != 0 {
		return nil
	}
	addr := c.u(f.offSize)
	if c.bad {
		return errorf("the link %q is damaged", name)
	}
	return add(name, addr)
}

// linkInfo refuses links in a heap of their own.
func (f *File) linkInfo(data []byte) error {
	c := &cursor{b: data}
	c.skip(1)
	if c.u(1)&1 != 0 {
		c.skip(8)
	}
	if heap := c.u(f.offSize); !c.bad && heap != undefined {
		return errorf("a group has so many members that it keeps them in a fractal heap, which is not read; write the file with the older format (in h5py, without libver=\"latest\")")
	}
	return nil
}

// symbolTable walks the B-tree of an old group.
func (f *File) symbolTable(data []byte, add func(string, uint64) error) error {
	c := &cursor{b: data}
	tree, heap := c.u(f.offSize), c.u(f.offSize)
	h := f.at(heap)
	if c.bad || !h.signature("HEAP") {
		return errorf("the heap of a group's names is damaged")
	}
	h.skip(4)
	size := h.u(f.lenSize)
	h.skip(f.lenSize)
	names := f.at(h.u(f.offSize)).bytes(clip(size))
	if h.bad || names == nil {
		return errorf("the heap of a group's names is cut off")
	}
	nodes := f.maxNodes()
	return f.tree(tree, 0, f.lenSize, &nodes, func(_ []byte, child uint64) error {
		return f.symbols(child, names, add)
	})
}

// symbols reads a leaf of a group's tree.
func (f *File) symbols(addr uint64, names []byte, add func(string, uint64) error) error {
	c := f.at(addr)
	if !c.signature("SNOD") {
		return errorf("a node of a group is damaged")
	}
	c.skip(2)
	for range c.u(2) {
		at, object := c.u(f.offSize), c.u(f.offSize)
		kind := c.u(4)
		c.skip(20)
		if c.bad || at >= uint64(len(names)) {
			return errorf("a node of a group is cut off")
		}
		if kind == 2 { // a soft link
			continue
		}
		name, _, _ := bytes.Cut(names[at:], []byte{0})
		if err := add(string(name), object); err != nil {
			return err
		}
	}
	return nil
}

// tree walks a B-tree of version 1 and calls leaf with each key and child of
// its lowest level. nodes bounds how many nodes may still be read.
func (f *File) tree(addr uint64, kind uint64, keySize int, nodes *int, leaf func(key []byte, child uint64) error) error {
	return f.subtree(addr, kind, keySize, maxDepth, nodes, leaf)
}

// maxNodes is how many nodes have room in the file.
func (f *File) maxNodes() int { return 1 + len(f.b)/24 }

func (f *File) subtree(addr, kind uint64, keySize, depth int, nodes *int, leaf func(key []byte, child uint64) error) error {
	c := f.at(addr)
	if !c.signature("TREE") || c.u(1) != kind {
		return errorf("there is no tree node at %d", addr)
	}
	level, used := int(c.u(1)), int(c.u(2))
	c.skip(2 * f.offSize)
	if *nodes--; level >= depth || *nodes < 0 {
		return errorf("the tree at %d does not end", addr)
	}
	for range used {
		key := c.bytes(keySize)
		child := c.u(f.offSize)
		if c.bad {
			return errorf("the tree node at %d is cut off", addr)
		}
		var err error
		if level == 0 {
			err = leaf(key, child)
		} else {
			err = f.subtree(child, kind, keySize, level, nodes, leaf)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Attribute returns the bytes of an attribute: text without its zero bytes at
// the end, or a number.
func (o *Object) Attribute(name string) ([]byte, bool) {
	for _, m := range o.msgs {
		if m.kind != msgAttribute {
			continue
		}
		got, value, ok := attribute(m.data)
		if ok && got == name {
			return value, true
		}
	}
	return nil, false
}

func attribute(data []byte) (name string, value []byte, ok bool) {
	c := &cursor{b: data}
	version, flags := c.u(1), c.u(1)
	nameSize, typeSize, spaceSize := int(c.u(2)), int(c.u(2)), int(c.u(2))
	pad := func(n int) int { return n }
	switch version {
	case 1:
		pad = func(n int) int { return (n + 7) / 8 * 8 }
	case 2:
	case 3:
		c.skip(1)
	default:
		return "", nil, false
	}
	if version > 1 && flags != 0 { // a shared type
		return "", nil, false
	}
	text := c.bytes(pad(nameSize))
	c.skip(pad(typeSize) + pad(spaceSize))
	if c.bad || nameSize == 0 || nameSize > len(text) {
		return "", nil, false
	}
	return string(bytes.TrimRight(text[:nameSize], "\x00")), bytes.TrimRight(c.b, "\x00"), true
}
