using Vms.Control.Devices.Http;

namespace Vms.Control.Devices.Nvr;

/// <summary>How a recorder is talked to: over the HTTP interface of its maker, or by ONVIF, whoever made it. The names are those of the API.</summary>
internal enum NvrMaker
{
    Hikvision,
    Dahua,
    Onvif,
}

/// <summary>
/// A recorder with cameras behind it; a camera answers as one with a single channel. Every call throws
/// <see cref="DeviceException"/> when the device does not do what it is asked for. Any thread.
/// </summary>
internal interface INvr
{
    NvrMaker Maker { get; }

    Task<NvrFacts> FactsAsync(CancellationToken cancellationToken);

    /// <summary>In the order of their numbers, which may have gaps; channels without a camera at the moment are among them.</summary>
    Task<IReadOnlyList<NvrChannel>> ChannelsAsync(CancellationToken cancellationToken);

    /// <summary>Contacts on the back of the recorder; none where it has none or does not tell.</summary>
    Task<IReadOnlyList<NvrInput>> InputsAsync(CancellationToken cancellationToken);

    /// <summary>What the device recorded of a channel's main stream between two times, oldest first.</summary>
    /// <param name="channel">Of <see cref="NvrChannel.Number"/>.</param>
    Task<NvrRecordings> RecordingsAsync(int channel, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>What its clock says, and in which zone it is. The other times of a recorder are by that clock.</summary>
    Task<NvrClock> ClockAsync(CancellationToken cancellationToken);

    /// <summary>Motion and contacts from now on. Ends when the device ends it; a device that falls silent is unreachable.</summary>
    IAsyncEnumerable<NvrEvent> EventsAsync(CancellationToken cancellationToken);
}
