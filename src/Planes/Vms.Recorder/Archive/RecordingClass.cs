namespace Vms.Recorder.Archive;

/// <summary>Why something was recorded; the timeline colours by it. The numbers are in journal and index: never renumber.</summary>
internal enum RecordingClass : byte
{
    Continuous = 0,
    Motion = 1,
    Event = 2,
    Manual = 3,
}

/// <summary>The classes as files and the API spell them.</summary>
internal static class RecordingClasses
{
    private static readonly string[] s_names = ["continuous", "motion", "event", "manual"];

    public static string NameOf(RecordingClass value) => (int)value < s_names.Length ? s_names[(int)value] : s_names[0];

    /// <summary>Continuous for what says nothing, as files from before there were classes, or something a later version knows.</summary>
    public static RecordingClass Parse(string? name) => (RecordingClass)Math.Max(0, Array.IndexOf(s_names, name));
}
