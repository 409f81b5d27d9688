using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Hosting.Heads;

namespace Vms.Ai.Analysis;

/// <summary>
/// Where the heads of one stream's people were, from picture to picture: not faces, which turn away and back between two pictures. From one picture to the next
/// the part that holds both heads counts. The stream's thread only.
/// </summary>
internal sealed class HeadWatch(Action<HeadEntry> tell)
{
    /// <summary>So much is told at a time, and lost with the process at the most.</summary>
    private const long EntryUs = 5_000_000;

    /// <summary>Pictures farther apart say nothing of where anybody was in between.</summary>
    internal const long LongestStepUs = 2_500_000;

    /// <summary>Who is seen for the first time was there already: detectors need a good view.</summary>
    private const long BeforeUs = 1_000_000;

    /// <summary>And came from where the way since then leads back to, once that is long enough to tell.</summary>
    private const long WayUs = 600_000;

    /// <summary>Who stands still came from nowhere else: boxes waver by so much.</summary>
    private const float Moved = 1.2f;

    /// <summary>A span goes on while it does not become so much larger than the head.</summary>
    private const float Spread = 1.6f;

    /// <summary>Of a person's height: head, and shoulders of somebody who bends.</summary>
    private const float HeadShare = 0.35f;

    /// <summary>Of the width of a box that shows no more than the upper part of somebody.</summary>
    private const float ShareOfWidth = 0.9f;

    /// <summary>Detectors cut off hair, and boxes lag behind who runs.</summary>
    private const float Margin = 0.12f;

    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly List<HeadSpan> _spans = [];
    private long _fromUs, _atUs;

    /// <summary>A picture was looked at.</summary>
    /// <param name="tracks">All; people count, those that are hidden at the moment too.</param>
    /// <param name="others">Found, and followed by nobody: smaller than what is to be reported.</param>
    /// <param name="aspect">Width of the picture by its height.</param>
    internal void Look(IEnumerable<ObjectTrack> tracks, IEnumerable<Detection> others, long nowUs, float aspect)
    {
        if (_fromUs == 0 || nowUs <= _atUs || nowUs - _atUs > LongestStepUs)
        {
            Forget();
            (_fromUs, _atUs) = (nowUs, nowUs);
        }

        foreach (ObjectTrack person in tracks.Where(t => t.Kind == ObjectKind.Person && t.State != TrackState.Ended))
            Follow(person.Id, HeadOf(person.Box, aspect), nowUs);
        foreach (Detection person in others)
            Add(_atUs - BeforeUs, nowUs + LongestStepUs, HeadOf(person.Box, aspect));
        foreach (string gone in _people.Where(p => p.Value.AtUs < nowUs).Select(p => p.Key).ToList())
            _people.Remove(gone);
        _atUs = nowUs;
        if (nowUs - _fromUs >= EntryUs || _spans.Count >= HeadBytes.MaxSpans / 2)
            Tell();
    }

    /// <summary>What comes does not continue what was seen, or nobody looks any more.</summary>
    internal void Forget()
    {
        Tell();
        _people.Clear();
        (_fromUs, _atUs) = (0, 0);
    }

    /// <summary>The part of a person's box that the head is in, a little enlarged.</summary>
    internal static Box HeadOf(Box person, float aspect)
    {
        float height = Math.Min(person.Height, Math.Max(person.Height * HeadShare, person.Width * aspect * ShareOfWidth));
        float sideways = person.Width * Margin, up = height * Margin;
        return new Box(person.X - sideways, person.Y - up, person.Width + (2 * sideways), height + (2 * up)).Clipped();
    }

    private void Follow(string id, Box head, long nowUs)
    {
        if (!_people.TryGetValue(id, out Person before))
        {
            _people[id] = new Person(head, nowUs, head, nowUs, Add(nowUs - BeforeUs, nowUs, head));
            return;
        }

        if (before.AtUs - before.FirstUs < WayUs && nowUs - before.FirstUs >= WayUs)
            AddWayBack(before, head, nowUs);
        if (before.Span >= 0)
        {
            HeadSpan span = _spans[before.Span];
            Box grown = new Box(span.X, span.Y, span.Width, span.Height).Union(head);
            if (grown.Area <= head.Area * Spread)
            {
                _spans[before.Span] = new HeadSpan(span.FromUs, nowUs, grown.X, grown.Y, grown.Width, grown.Height);
                _people[id] = before with { Head = head, AtUs = nowUs };
                return;
            }
        }

        _people[id] = before with { Head = head, AtUs = nowUs, Span = Add(before.AtUs, nowUs, before.Head.Union(head)) };
    }

    private void AddWayBack(Person person, Box head, long nowUs)
    {
        float times = (float)BeforeUs / (nowUs - person.FirstUs);
        Box first = person.First;
        var earlier = new Box(first.X - ((head.X - first.X) * times), first.Y - ((head.Y - first.Y) * times), first.Width, first.Height);
        Box way = first.Union(earlier).Clipped();
        if (way.Area > first.Area * Moved)
            Add(person.FirstUs - BeforeUs, person.FirstUs, way);
    }

    private int Add(long fromUs, long toUs, Box box)
    {
        if (box.Area <= 0)
            return -1;
        _spans.Add(new HeadSpan(fromUs, toUs, box.X, box.Y, box.Width, box.Height));
        return _spans.Count - 1;
    }

    private void Tell()
    {
        if (_atUs > _fromUs)
            tell(new HeadEntry(_fromUs, _atUs, [.. _spans]));
        _spans.Clear();
        foreach (string id in _people.Keys.ToList())
            _people[id] = _people[id] with { Span = -1 };
        _fromUs = _atUs;
    }

    /// <param name="First">Where the head was when it was seen first.</param>
    /// <param name="Span">Place of the one that goes on; -1: none does.</param>
    private readonly record struct Person(Box First, long FirstUs, Box Head, long AtUs, int Span);
}
