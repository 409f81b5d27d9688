using Vms.Ai.Detectors;
using Vms.Ai.Motion;
using Vms.Ai.Rules;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;
using Vms.Native.Ffmpeg;

namespace Vms.Ai.Analysis;

/// <summary>
/// What is done with the decoded pictures of one stream: motion first, the detector where something moves or is followed, then tracks, rules and events. A
/// picture that the detector looks at is waited for, and the stream's samples wait in its log. The stream's thread only, but for the figures.
/// </summary>
internal sealed partial class PictureAnalysis : IDisposable
{
    /// <summary>Of the small grey picture that motion is found in.</summary>
    private const int GreyWidth = 256;

    /// <summary>Scalers write whole vectors: so much behind the last pixel is theirs.</summary>
    private const int Slack = 64;

    private const int StartScans = 3;
    private const long MotionAgainUs = 25_000_000;
    private const long StoreUs = 1_000_000;

    /// <summary>What a turned camera shows is not compared with what it showed before.</summary>
    private const long SettleUs = 3_000_000;

    private readonly AnalysisSpec _spec;
    private readonly AnalysisParts _parts;
    private readonly TrackBook _book;
    private readonly Tracker _tracker;
    private readonly RuleSet _rules;
    private readonly EventMaker _events;
    private readonly HeadWatch _heads;
    private readonly MotionSpan _motion = new();
    private readonly Dictionary<string, TrackDetails> _details = [];
    private readonly CancellationTokenSource _ending = new();

    private byte[] _grey = [];
    private (int Width, int Height) _size;
    private int _greyHeight;
    private BackgroundModel? _background;
    private int _scans = StartScans;
    private long _motionToldUs, _storedUs, _movedUs;
    private bool _mustStore;
    private bool _hadObjects;
    private string? _preset;

    // Of the picture that the detector looks at.
    private Task? _looking;
    private Picture? _picture;
    private long _pictureUs;
    private List<Box> _regions = [];
    private List<Detection>? _found;
    private bool _lookedEverywhere;
    private IReadOnlyList<ObjectTrack>? _endedMeanwhile;      // set while what was found is looked at more closely

    internal PictureAnalysis(AnalysisSpec spec, AnalysisParts parts)
    {
        (_spec, _parts) = (spec, parts);
        string stream = new StreamKey(spec.CameraId, spec.Stream).ToString();
        _book = new TrackBook(parts.Options, stream);
        var page = _book.Load();
        AnalysedUntilUs = page?.CapturedUs ?? 0;
        _tracker = new Tracker((float)spec.Settings.TrackConfidence);
        _rules = new RuleSet(spec.Settings, page?.Day ?? 0, page?.Counts);
        _events = new EventMaker(spec, parts.Events, () => parts.Detection.HashOf(spec.Settings.Model));
        _heads = new HeadWatch(entry => parts.Heads.Tell(spec.CameraId, entry));
        foreach (var stored in page?.Tracks ?? [])
            _tracker.Adopt(stored.ToTrack(page!.CapturedUs));
        if (page is { MotionSinceUs: > 0 })
            _motion.Restore(page.MotionSinceUs, page.CapturedUs);
        _movedUs = page?.MovedUs ?? 0;
        if (page is not null && Events.UnixTime.ToMicroseconds(parts.Time.GetUtcNow()) - page.CapturedUs is not (>= 0 and < TrackBook.FreshUs))
        {
            // Nobody saw what went on meanwhile: it ended when it was seen last.
            Forget();
            _mustStore = true;
        }
    }

    /// <summary>Capture time of the last picture that was looked at; 0: none. Pictures up to it are not looked at again.</summary>
    internal long AnalysedUntilUs { get; private set; }

    /// <summary>The detector looks at a picture: nothing is to be given until <see cref="TryFinish"/> is true.</summary>
    internal bool IsLooking => _looking is not null;

    /// <summary>What was found is looked at more closely: settings that change are applied behind it.</summary>
    internal bool IsLookingCloser => _endedMeanwhile is not null;

    internal long Pictures { get; private set; }

    internal long Detections { get; private set; }

    internal int Objects { get; private set; }

    internal bool IsMoving => _motion.IsOn;

    /// <summary>Nothing moves, and nothing that moves is followed: the pictures need not be as good as they can be.</summary>
    internal bool IsQuiet { get; private set; }

    /// <summary>Stable code; empty when there is one.</summary>
    internal string WhyNoDetector => _parts.Detection.WhyNot(_spec.Settings.Model);

    /// <summary>Takes the picture that was decoded last.</summary>
    /// <param name="wake">Called by another thread when the detector is done.</param>
    internal void Look(VideoDecoder decoder, long capturedUs, Action wake)
    {
        Pictures++;
        if (capturedUs < AnalysedUntilUs)
        {
            // The clock was set back: a move that is to come is none.
            _movedUs = 0;
            Forget();
        }

        FollowCamera(capturedUs);
        SetSize(decoder.Width, decoder.Height);
        long began = _parts.Times.Now;
        if (!decoder.ToGrey(_grey, GreyWidth, _greyHeight))
            return;
        IReadOnlyList<Box> moving = _background!.Look(_grey.AsSpan(0, GreyWidth * _greyHeight));
        _parts.Times.Moved(began);
        if (capturedUs - _movedUs < SettleUs)
            moving = [];
        LookAtMotion(moving.Count > 0, capturedUs);

        _tracker.Advance(capturedUs);
        IsQuiet = moving.Count == 0 && !_motion.IsOn && _scans == 0 && !_background.WasWholePicture && _tracker.Tracks.All(t => t.IsStationary);
        _regions = [];
        _lookedEverywhere = WhyNoDetector.Length == 0;
        if (_lookedEverywhere)
        {
            _regions = _scans > 0 || _background.WasWholePicture
                ? [RegionPlanner.Everything]
                : RegionPlanner.Plan(_tracker.Tracks, moving, capturedUs, decoder.Width, decoder.Height, ObjectDetection.ModelSide);
        }

        if (_regions.Count == 0)
        {
            Conclude(_tracker.Carry(), capturedUs);
            return;
        }

        _scans = Math.Max(0, _scans - 1);
        began = _parts.Times.Now;
        _picture = Picture.Rent(decoder.Width, decoder.Height);
        _pictureUs = capturedUs;
        if (!decoder.ToBgr(_picture.WithSlack))
        {
            _lookedEverywhere = false;
            Release();
            return;
        }

        _parts.Times.Converted(began);
        _looking = LookAsync(_picture, wake);
    }

    /// <summary>Goes on with the picture that the detector has looked at. False while it has not.</summary>
    internal bool TryFinish(Action wake)
    {
        if (_looking is null)
            return true;
        if (!_looking.IsCompleted)
            return false;
        long began = _parts.Times.Now;
        _looking.GetAwaiter().GetResult();      // done: what was not expected ends the plane, here as elsewhere
        _looking = null;
        if (_endedMeanwhile is { } before)
        {
            _endedMeanwhile = null;
            Conclude(before, _pictureUs);
        }
        else if (_found is null)
        {
            Conclude(_tracker.Carry(), _pictureUs);
        }
        else
        {
            var of = _found.Where(d => _rules.Follows(d.Class) && d.Box.Height >= _spec.Settings.MinSize).ToList();
            var ended = _tracker.Update(of, _regions);
            var seen = _tracker.Tracks.Where(t => t.LastSeenUs == _pictureUs && t.Hits > 1).ToList();
            foreach (ObjectTrack track in seen)
                DetailsOf(track).View.Look(_picture!, track);
            if (LookCloser(seen, wake))
            {
                _endedMeanwhile = ended;
                _parts.Times.Tracked(began);
                return false;
            }

            Conclude(ended, _pictureUs);
        }

        _parts.Times.Tracked(began);
        Release();
        return true;
    }

    /// <summary>Nobody looks any more: what goes on is over.</summary>
    internal void End()
    {
        EndAll();
        _book.Delete();
    }

    /// <summary>
    /// Other settings come: whoever looks next with them finds what was followed and counted in the book. Of zones and lines that will be elsewhere than they
    /// were, nothing is known then but how often they told of an object.
    /// </summary>
    internal void HandOver(AnalysisSettings next)
    {
        foreach (TrackMemory memory in _tracker.Tracks.Select(t => t.Memory))
        {
            foreach (Zone zone in _spec.Settings.Zones.Where(z => !next.Zones.Any(n => n.Id == z.Id && n.Polygon.Equals(z.Polygon))))
                memory.ForgetZone(zone.Id);
            foreach (Line line in _spec.Settings.Lines.Where(l => !next.Lines.Any(n => n.Id == l.Id && n.Points.Equals(l.Points))))
                memory.ForgetLine(line.Id);
        }

        _heads.Forget();
        if (AnalysedUntilUs == 0 || !_book.Store(AnalysedUntilUs, _motion.SinceUs, _movedUs, _rules, _tracker.Tracks))
            End();
    }

    public void Dispose()
    {
        _heads.Forget();
        _ending.Cancel();
        // A detector that has begun with the picture finishes it: the picture is returned to the pool behind it.
        if (_looking is { IsCompleted: false } looking && _picture is { } picture)
            _ = looking.ContinueWith(_ => picture.Dispose(), TaskScheduler.Default);
        else
            _picture?.Dispose();
        _ending.Dispose();
    }

    /// <summary>A PTZ camera that was turned shows something else: nothing of before is where it was.</summary>
    private void FollowCamera(long capturedUs)
    {
        var (preset, movedUs) = _parts.Presets.Of(_spec.CameraId);
        _preset = preset;
        if (movedUs <= _movedUs || movedUs > capturedUs)
            return;
        _movedUs = movedUs;
        _mustStore = true;
        Forget();
    }

    /// <summary>What comes has nothing to do with what was seen.</summary>
    private void Forget()
    {
        _background?.Forget();
        _scans = StartScans;
        EndAll();
    }

    private void EndAll()
    {
        _heads.Forget();
        if (_motion.End() == MotionChange.Ended)
            _events.TellMotion(_motion.EndedSinceUs, _motion.LastUs, 0);
        TellEnded(_tracker.EndAll(), isGone: false);
    }

    private void SetSize(int width, int height)
    {
        if (_size == (width, height))
            return;
        _size = (width, height);
        _greyHeight = Math.Clamp((int)((long)height * GreyWidth / width), 16, GreyWidth * 4);
        _grey = new byte[(GreyWidth * _greyHeight) + Slack];
        _background = new BackgroundModel(
            GreyWidth, _greyHeight, _spec.Settings.Motion?.Sensitivity ?? 50, PictureMask.Of(_spec.Settings.Motion?.Masks ?? [], GreyWidth, _greyHeight));
    }

    private void LookAtMotion(bool moves, long capturedUs)
    {
        MotionChange change = _motion.Look(moves, capturedUs);
        _mustStore |= change != MotionChange.None;
        switch (change)
        {
            case MotionChange.Began:
                _motionToldUs = capturedUs;
                _events.TellMotion(_motion.SinceUs, null, 0);
                return;
            case MotionChange.Ended:
                _events.TellMotion(_motion.EndedSinceUs, _motion.LastUs, 0);
                return;
        }

        if (_motion.IsOn && capturedUs - _motionToldUs >= MotionAgainUs)
        {
            _motionToldUs = capturedUs;
            _events.TellMotion(_motion.SinceUs, null, capturedUs);
        }
    }

    private async Task LookAsync(Picture picture, Action wake)
    {
        _found = null;
        _lookedEverywhere = false;
        try
        {
            float least = _tracker.LeastScore;
            // Each a task also where one fails at once: all are waited for, because the picture is theirs until then.
            var answers = await Task.WhenAll(_regions.Select(
                async region => await _parts.Detection.FindAsync(_spec.Settings.Model, picture, region, least, _ending.Token)));
            Detections += answers.Length;
            _lookedEverywhere = answers.All(a => a is not null);
            if (answers.All(a => a is null))
                return;
            var found = new List<Detection>();
            for (int i = answers.Length - 1; i >= 0; i--)
            {
                if (answers[i] is { } those)
                    found.AddRange(those);
                else
                    _regions.RemoveAt(i);       // not looked at
            }

            _found = found;
        }
        catch (Exception e) when (e is OperationCanceledException or Models.ModelException)
        {
            return;     // the picture counts as not looked at; that the model cannot be used is in the status
        }
        finally
        {
            wake();
        }
    }

    /// <summary>What a picture meant for tracks and rules; then it is done.</summary>
    private void Conclude(IReadOnlyList<ObjectTrack> ended, long capturedUs)
    {
        foreach (Finding finding in _rules.Look(_tracker.Tracks, capturedUs, _preset))
            Tell(finding);
        TellDetails();
        TellEnded(ended);
        Objects = _tracker.Tracks.Count(t => t.State == TrackState.Followed);
        bool wereAny = _hadObjects;
        _hadObjects = Objects > 0;
        if (_hadObjects || wereAny)
            _parts.Boxes.Tell(_spec.SiteId, _spec.CameraId, _spec.Stream, capturedUs, _tracker.Tracks);
        LookForHeads(capturedUs);
        AnalysedUntilUs = capturedUs;
        if (_mustStore || ((_hadObjects || wereAny) && capturedUs - _storedUs >= StoreUs))
        {
            _storedUs = capturedUs;
            _mustStore = !_book.Store(capturedUs, _motion.SinceUs, _movedUs, _rules, _tracker.Tracks);
        }
    }

    /// <summary>Where people's heads are, for exports that hide them. A picture in which somebody might have been missed does not count.</summary>
    private void LookForHeads(long capturedUs)
    {
        if (!_lookedEverywhere || capturedUs - _movedUs < SettleUs || !_rules.Follows(ObjectKind.Person) || !_parts.Detection.FindsPeople(_spec.Settings.Model)
            || _tracker.Tracks.Count >= Tracker.MaxTracks)
            return;
        var small = (_found ?? []).Where(d => d.Class == ObjectKind.Person && d.Score >= _spec.Settings.TrackConfidence && d.Box.Height < _spec.Settings.MinSize);
        _heads.Look(_tracker.Tracks, small, capturedUs, (float)_size.Width / _size.Height);
    }

    private void Tell(Finding finding)
    {
        TrackDetails details = DetailsOf(finding.Track);
        _events.Tell(finding, details.View.Jpeg, details.Plate);
        _mustStore = true;
    }

    private void TellEnded(IReadOnlyList<ObjectTrack> ended, bool isGone = true)
    {
        foreach (ObjectTrack track in ended)
        {
            foreach (Finding finding in _rules.End(track, isGone))
                Tell(finding);
            _details.Remove(track.Id);
        }
    }

    private TrackDetails DetailsOf(ObjectTrack track)
    {
        if (!_details.TryGetValue(track.Id, out TrackDetails? details))
            _details[track.Id] = details = new TrackDetails(_spec.Settings.PlateCountry);
        return details;
    }

    private void Release()
    {
        _picture?.Dispose();
        _picture = null;
        _found = null;
    }
}
