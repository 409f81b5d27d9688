namespace Vms.Codecs.H264;

/// <summary>The parameter sets a stream has announced, in SDP or in band, by their ids. A set with a known id replaces the
/// older one; equal bytes change nothing. One caller at a time. Allocates only when something changes.</summary>
/// <remarks>
/// Ceilings: ids 0 to 31 for sequence, 0 to 30 picture parameter sets kept; <see cref="MaxSetSize"/> bytes each.
/// A camera whose SDP and stream disagree (GW4089IP) is believed in band: the last announcement wins.
/// </remarks>
public sealed class H264ParameterSets
{
    public const int MaxSetSize = 4096;
    private const int MaxPps = 31;

    private readonly SortedList<int, byte[]> _sps = [];
    private readonly SortedList<int, byte[]> _pps = [];
    private H264Sps _activeSps;

    /// <summary>Grows by one with every change.</summary>
    public uint Version { get; private set; }

    /// <summary>True when there is at least one of each kind.</summary>
    public bool IsComplete => _sps.Count > 0 && _pps.Count > 0;

    /// <summary>The sequence parameter set announced last; default when none.</summary>
    public H264Sps Sps => _activeSps;

    /// <param name="nal">SPS or PPS with its NAL header; copied when new.</param>
    /// <returns>True when it changed what is known; false also for anything that does not parse.</returns>
    public bool Update(ReadOnlySpan<byte> nal)
    {
        nal = nal.TrimEnd((byte)0);
        if (nal.Length is < 2 or > MaxSetSize)
            return false;

        switch (H264NalHeader.TypeOf(nal[0]))
        {
            case H264NalUnitType.Sps:
                if (!IsNew(nal, _activeSps.Id, _sps) || !H264Sps.TryParse(nal, out var sps))
                    return false;
                _activeSps = sps;
                if (!IsNew(nal, sps.Id, _sps))
                    return false;
                ReplaceSps(sps, nal);
                return true;

            case H264NalUnitType.Pps:
                int id = PpsId(nal);
                if (id < 0 || (_pps.Count >= MaxPps && !_pps.ContainsKey(id)) || !IsNew(nal, id, _pps))
                    return false;
                _pps[id] = nal.ToArray();
                Version++;
                return true;

            default:
                return false;
        }
    }

    /// <summary>The avcC of what is known; only when <see cref="IsComplete"/>. Allocates.</summary>
    public byte[] ToConfiguration() => AvcDecoderConfiguration.Build([.. _sps.Values], [.. _pps.Values]);

    public void Clear()
    {
        if (_sps.Count + _pps.Count > 0)
            Version++;
        _sps.Clear();
        _pps.Clear();
        _activeSps = default;
    }

    // A camera that changes its picture announces one new set; the others describe pictures that no longer come.
    private void ReplaceSps(in H264Sps sps, ReadOnlySpan<byte> nal)
    {
        if (_sps.Count >= 2 && !_sps.ContainsKey(sps.Id))
            _sps.Clear();
        _sps[sps.Id] = nal.ToArray();
        Version++;
    }

    private static bool IsNew(ReadOnlySpan<byte> nal, int id, SortedList<int, byte[]> known) =>
        !known.TryGetValue(id, out byte[]? old) || !nal.SequenceEqual(old);

    private static int PpsId(ReadOnlySpan<byte> nal)
    {
        var reader = new RbspReader(nal[1..]);
        uint id = reader.ExpGolomb();                           // pic_parameter_set_id, §7.3.2.2
        return reader.IsExhausted || id > 255 ? -1 : (int)id;
    }
}
