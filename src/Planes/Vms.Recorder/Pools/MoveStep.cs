namespace Vms.Recorder.Pools;

/// <summary>How far a move is. A crash between any two leaves one file that the index names, and none lost.</summary>
internal enum MoveStep
{
    /// <summary>The note is on the disk.</summary>
    Noted,

    /// <summary>The copy is on the disk, under its unfinished name, and verified.</summary>
    Copied,

    /// <summary>It has the segment's name: from here on the move is completed, whatever happens.</summary>
    Renamed,

    /// <summary>The row with the new place is in the journal.</summary>
    Journaled,

    /// <summary>The file in the old pool is gone.</summary>
    Deleted,
}
