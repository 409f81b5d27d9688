namespace Vms.Recorder.Retention;

/// <summary>What keeps a segment, the stronger the later.</summary>
internal enum Protection
{
    None,

    /// <summary>An export that is not finished has yet to read it; gives way as <see cref="Bookmark"/> does.</summary>
    Export,

    /// <summary>Kept for longer than other footage; gives way only to a pool without any other room, or to who deletes the camera's archive.</summary>
    Bookmark,

    /// <summary>Kept until the clip is deleted.</summary>
    Clip,

    /// <summary>Kept until the hold is lifted.</summary>
    Hold,

    /// <summary>Nobody has said yet what is to be kept: it may be this.</summary>
    Unknown,
}
