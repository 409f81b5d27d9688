namespace Vms.Hosting;

/// <summary>What somebody may do with a camera's pictures, as far as planes have to end it when it is taken away. The numbers are stored.</summary>
[Flags]
public enum ViewingRight
{
    None = 0,

    /// <summary>Live video and pictures of now.</summary>
    Live = 1,

    /// <summary>Recordings.</summary>
    Playback = 2,

    /// <summary>Finished exports.</summary>
    Export = 4,

    /// <summary>Sending the pictures of a camera.</summary>
    Publish = 8,

    All = Live | Playback | Export | Publish,
}

internal static class TicketRights
{
    /// <summary>What a ticket of this kind is good for on a plane.</summary>
    public static ViewingRight Of(TicketKind kind) => kind switch
    {
        TicketKind.Live or TicketKind.Snapshot => ViewingRight.Live,
        TicketKind.Playback => ViewingRight.Playback,
        TicketKind.Export => ViewingRight.Export,
        TicketKind.Publish => ViewingRight.Publish,
        _ => ViewingRight.None,
    };
}
