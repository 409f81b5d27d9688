using Vms.Codecs.H264;

namespace Vms.Codecs.H265;

/// <summary>The parameter sets a stream has announced, in SDP or in band, by their ids. A set with a known id replaces the
/// older one; equal bytes change nothing. One caller at a time. Allocates only when something changes.</summary>
/// <remarks>
/// Ceilings: ids 0 to 15 for video and sequence, 0 to 63 for picture parameter sets; <see cref="MaxSetSize"/> bytes each. Only the
/// base layer. A video parameter set is not needed to decode the base layer and some cameras' SDP leaves it out (go2rtc#1588): the
/// sets are complete without it.
/// </remarks>
public sealed class H265ParameterSets
{
    public const int MaxSetSize = 4096;
    private const int MaxVpsId = 15;
    private const int MaxPpsId = 63;

    private readonly SortedList<int, byte[]> _vps = [];
    private readonly SortedList<int, byte[]> _sps = [];
    private readonly SortedList<int, byte[]> _pps = [];
    private H265Sps _activeSps;

    /// <summary>Grows by one with every change.</summary>
    public uint Version { get; private set; }

    /// <summary>True when there is at least one sequence and one picture parameter set.</summary>
    public bool IsComplete => _sps.Count > 0 && _pps.Count > 0;

    /// <summary>The sequence parameter set announced last; default when none.</summary>
    public H265Sps Sps => _activeSps;

    /// <param name="nal">VPS, SPS or PPS with its NAL header; copied when new.</param>
    /// <returns>True when it changed what is known; false also for anything that does not parse.</returns>
    public bool Update(ReadOnlySpan<byte> nal)
    {
        nal = nal.TrimEnd((byte)0);
        if (nal.Length is <= H265NalHeader.Size or > MaxSetSize || H265NalHeader.LayerOf(nal) != 0)
            return false;

        return H265NalHeader.TypeOf(nal[0]) switch
        {
            H265NalUnitType.Vps => Keep(_vps, nal[2] >> 4, MaxVpsId, nal),         // vps_video_parameter_set_id, §7.3.2.1
            H265NalUnitType.Sps => UpdateSps(nal),
            H265NalUnitType.Pps => Keep(_pps, PpsId(nal), MaxPpsId, nal),
            _ => false,
        };
    }

    /// <summary>The hvcC of what is known; only when <see cref="IsComplete"/>. Allocates.</summary>
    public byte[] ToConfiguration()
    {
        byte[] active = _sps[_activeSps.Id];
        return HevcDecoderConfiguration.Build(
            [.. _vps.Values], [active, .. _sps.Values.Where(set => set != active)], [.. _pps.Values]);
    }

    public void Clear()
    {
        if (_vps.Count + _sps.Count + _pps.Count > 0)
            Version++;
        _vps.Clear();
        _sps.Clear();
        _pps.Clear();
        _activeSps = default;
    }

    private bool UpdateSps(ReadOnlySpan<byte> nal)
    {
        if (!IsNew(nal, _activeSps.Id, _sps) || !H265Sps.TryParse(nal, out var sps))
            return false;

        bool switches = sps != _activeSps;
        _activeSps = sps;
        if (!IsNew(nal, sps.Id, _sps))
        {
            if (switches)
                Version++;
            return switches;
        }

        // A camera that changes its picture announces one new set; the others describe pictures that no longer come.
        if (_sps.Count >= 2 && !_sps.ContainsKey(sps.Id))
            _sps.Clear();
        _sps[sps.Id] = nal.ToArray();
        Version++;
        return true;
    }

    private bool Keep(SortedList<int, byte[]> sets, int id, int maxId, ReadOnlySpan<byte> nal)
    {
        if (id < 0 || id > maxId || !IsNew(nal, id, sets))
            return false;

        sets[id] = nal.ToArray();
        Version++;
        return true;
    }

    private static bool IsNew(ReadOnlySpan<byte> nal, int id, SortedList<int, byte[]> known) =>
        !known.TryGetValue(id, out byte[]? old) || !nal.SequenceEqual(old);

    private static int PpsId(ReadOnlySpan<byte> nal)
    {
        var reader = new RbspReader(nal[H265NalHeader.Size..]);
        uint id = reader.ExpGolomb();                           // pps_pic_parameter_set_id, §7.3.2.3.1
        return reader.IsExhausted || id > MaxPpsId ? -1 : (int)id;
    }
}
