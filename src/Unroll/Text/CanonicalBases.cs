using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Unroll.Text;

/// <summary>
/// What is left of a character when its canonical decomposition (NFD, Unicode 14) loses its non-spacing marks (category Mn): é is
/// e. A table of our own, because the platform's normalisation is another one on every machine and does nothing where the
/// program runs without ICU.
/// </summary>
internal static class CanonicalBases
{
    private const int FirstHangul = 0xAC00, LastHangul = 0xD7A3, Leading = 0x1100, Vowel = 0x1161, Trailing = 0x11A7, Vowels = 21, Trailings = 28;

    // First character as hexadecimal, then the bases of it and of those behind it. Bases do not decompose, so no editor's
    // normalisation changes them.
    private const string Runs = """
        C0 AAAAAA C7 CEEEEIIII D1 NOOOOO D9 UUUUY E0 aaaaaa E7 ceeeeiiii F1 nooooo F9 uuuuy FF yAaAaAaCcCcCcCcDd
        112 EeEeEeEeEeGgGgGgGgHh 128 IiIiIiIiI 134 JjKk 139 LlLlLl 143 NnNnNn 14C OoOoOo 154 RrRrRrSsSsSsSsTtTt
        168 UuUuUuUuUuUuWwYyYZzZzZz 1A0 Oo 1AF Uu 1CD AaIiOoUuUuUuUuUu 1DE AaAaÆæ 1E6 GgKkOoOoƷʒj 1F4 Gg
        1F8 NnAaÆæØøAaAaEeEeIiIiOoOoRrRrUuUuSsTt 21E Hh 226 AaEeOoOoOoOoYy 374 ʹ 37E ; 385 ¨Α·ΕΗΙ 38C Ο 38E ΥΩι 3AA ΙΥαεηιυ
        3CA ιυουω 3D3 ϒϒ 400 ЕЕ 403 Г 407 І 40C КИУ 419 И 439 и 450 ее 453 г 457 і 45C киу 476 Ѵѵ 4C1 Жж 4D0 АаАа 4D6 Ее
        4DA ӘәЖжЗз 4E2 ИиИиОо 4EA ӨөЭэУуУуУуЧч 4F8 Ыы 622 ااواي 6C0 ە 6C2 ہ 6D3 ے 929 न 931 र 934 ळ 958 कखगजडढफय 9DC ডঢ 9DF য
        A33 ਲ A36 ਸ A59 ਖਗਜ A5E ਫ B5C ଡଢ F43 ག F4D ཌ F52 ད F57 བ F5C ཛ F69 ཀ 1026 ဥ
        1E00 AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHh 1E28 HhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOo
        1E50 OoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUu 1E78 UuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy 1E9B ſ
        1EA0 AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEe 1EC8 IiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUu 1EF0 UuYyYyYyYy
        1F00 ααααααααΑΑΑΑΑΑΑΑεεεεεε 1F18 ΕΕΕΕΕΕ 1F20 ηηηηηηηηΗΗΗΗΗΗΗΗιιιιιιιιΙΙΙΙΙΙΙΙοοοοοο 1F48 ΟΟΟΟΟΟ 1F50 υυυυυυυυ 1F59 Υ
        1F5B Υ 1F5D Υ 1F5F ΥωωωωωωωωΩΩΩΩΩΩΩΩααεεηηιιοουυωω 1F80 ααααααααΑΑΑΑΑΑΑΑηηηηηηηηΗΗΗΗΗΗΗΗωωωωωωωω 1FA8 ΩΩΩΩΩΩΩΩααααα
        1FB6 ααΑΑΑΑΑ 1FBE ι 1FC1 ¨ηηη 1FC6 ηηΕΕΗΗΗ᾿᾿᾿ιιιι 1FD6 ιιΙΙΙΙ 1FDD ῾῾῾υυυυρρυυΥΥΥΥΡ¨¨` 1FF2 ωωω 1FF6 ωωΟΟΩΩΩ´ 2126 Ω
        212A KA 219A ←→ 21AE ↔ 21CD ⇐⇔⇒ 2204 ∃ 2209 ∈ 220C ∋ 2224 ∣ 2226 ∥ 2241 ∼ 2244 ≃ 2247 ≅ 2249 ≈ 2260 = 2262 ≡
        226D ≍<>≤≥ 2274 ≲≳ 2278 ≶≷ 2280 ≺≻ 2284 ⊂⊃ 2288 ⊆⊇ 22AC ⊢⊨⊩⊫ 22E0 ≼≽⊑⊒ 22EA ⊲⊳⊴⊵ 2329 〈〉 2ADC ⫝ 304C か 304E き 3050 く
        3052 け 3054 こ 3056 さ 3058 し 305A す 305C せ 305E そ 3060 た 3062 ち 3065 つ 3067 て 3069 と 3070 はは 3073 ひひ 3076 ふふ 3079 へへ
        307C ほほ 3094 う 309E ゝ 30AC カ 30AE キ 30B0 ク 30B2 ケ 30B4 コ 30B6 サ 30B8 シ 30BA ス 30BC セ 30BE ソ 30C0 タ 30C2 チ 30C5 ツ
        30C7 テ 30C9 ト 30D0 ハハ 30D3 ヒヒ 30D6 フフ 30D9 ヘヘ 30DC ホホ 30F4 ウ 30F7 ワヰヱヲ 30FE ヽ
        F900 豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟 F928 廊朗浪狼郎來冷勞擄櫓爐盧老蘆虜路露魯鷺碌祿綠菉錄鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累
        F950 縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮 F978 兩凉梁糧良諒量勵呂女廬旅濾礪閭驪麗黎力曆歷轢年憐戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈
        F9A0 裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂燎療蓼遼龍暈阮劉 F9C8 杻柳流溜琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘
        F9F0 藺隣鱗麟林淋臨立笠粒狀炙識什茶刺切度拓糖宅洞暴輻行降見廓兀嗀 FA10 塚 FA12 晴 FA15 凞猪益礼神祥福靖精羽 FA20 蘒 FA22 諸 FA25 逸都
        FA2A 飯飼館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝 FA52 禍禎穀突節練縉繁署者臭艹艹著褐視謁謹賓贈辶逸難響頻恵𤋮舘
        FA70 並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流 FA98 滛滋漢瀞煮瞧爵犯猪瑱甆画瘝瘟益盛直睊着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹
        FAC0 變贈輸遲醙鉶陼難靖韛響頋頻鬒龜𢡊𢡄𣏕㮝䀘䀹𥉉𥳐𧻓齃龎 FB1D י FB1F ײ FB2A ששששאאאבגדהוז FB38 טיךכל FB3E מ FB40 נס FB43 ףפ FB46 צקרשתובכפ
        1109A 𑂙 1109C 𑂛 110AB 𑂥 2F800 丽丸乁𠄢你侮侻倂偺備僧像㒞𠘺免兔兤具𠔜㒹內再𠕋冗冤仌冬况𩇟凵刃㓟刻剆割剷㔕勇勉勤 2F828 勺包匆北卉卑博即卽卿卿卿𠨬灰及叟𠭣叫叱吆咞吸呈周咢哶唐啓啣善善喙喫喳嗂圖嘆圗噑噴
        2F850 切壮城埴堍型堲報墬𡓤売壷夆多夢奢𡚨𡛪姬娛娧姘婦㛮㛼嬈嬾嬾𡧈寃寘寧寳𡬘寿将当尢㞁屠 2F878 屮峀岍𡷤嵃𡷦嵮嵫嵼巡巢㠯巽帨帽幩㡢𢆃㡼庰庳庶廊𪎒廾𢌱𢌱舁弢弢㣇𣊸𦇚形彫㣣徚忍志忹
        2F8A0 悁㤺㤜悔𢛔惇慈慌慎慌慺憎憲憤憯懞懲懶成戛扝抱拔捐𢬌挽拼捨掃揤𢯱搢揅掩㨮摩摾撝摷㩬 2F8C8 敏敬𣀊旣書晉㬙暑㬈㫤冒冕最暜肭䏙朗望朡杞杓𣏃㭉柺枅桒梅𣑭梎栟椔㮝楂榣槪檨𣚣櫛㰘次
        2F8F0 𣢧歔㱎歲殟殺殻𣪍𡴋𣫺汎𣲼沿泍汧洖派海流浩浸涅𣴞洴港湮㴳滋滇𣻑淹潮𣽞𣾎濆瀹瀞瀛㶖灊 2F918 災灷炭𠔥煅𤉣熜𤎫爨爵牐𤘈犀犕𤜵𤠔獺王㺬玥㺸㺸瑇瑜瑱璅瓊㼛甤𤰶甾𤲒異𢆟瘐𤾡𤾸𥁄㿼䀈
        2F940 直𥃳𥃲𥄙𥄳眞真真睊䀹瞋䁆䂖𥐝硎碌磌䃣𥘦祖𥚚𥛅福秫䄯穀穊穏𥥼𥪧𥪧竮䈂𥮫篆築䈧𥲀糒䊠 2F968 糨糣紀𥾆絣䌁緇縂繅䌴𦈨𦉇䍙𦋙罺𦌾羕翺者𦓚𦔣聠𦖨聰𣍟䏕育脃䐋脾媵𦞧𦞵𣎓𣎜舁舄辞䑫芑
        2F990 芋芝劳花芳芽苦𦬼若茝荣莭茣莽菧著荓菊菌菜𦰶𦵫𦳕䔫蓱蓳蔖𧏊蕤𦼬䕝䕡𦾱𧃒䕫虐虜虧虩蚩 2F9B8 蚈蜎蛢蝹蜨蝫螆䗗蟡蠁䗹衠衣𧙧裗裞䘵裺㒻𧢮𧥦䚾䛇誠諭變豕𧲨貫賁贛起𧼯𠠄跋趼跰𠣞軔輸
        2F9E0 𨗒𨗭邔郱鄑𨜮鄛鈸鋗鋘鉼鏹鐕𨯺開䦕閷𨵷䧦雃嶲霣𩅅𩈚䩮䩶韠𩐊䪲𩒖頋頋頩𩖶飢䬳餩馧駂駾 2FA08 䯎𩬰鬒鱀鳽䳎䳭鵧𪃎䳸𪄅𪈎𪊑麻䵖黹黾鼅鼏鼖鼻𪘀
        """;

    // Where more than one character is left, or a spacing mark or space.
    private const string Several = """
        9CB=9C7+9BE 9CC=9C7+9D7 B48=B47 B4B=B47+B3E B4C=B47+B57 B94=B92+BD7 BCA=BC6+BBE BCB=BC7+BBE BCC=BC6+BD7 CC0=CD5
        CC7=CD5 CC8=CD6 CCA=CC2 CCB=CC2+CD5 D4A=D46+D3E D4B=D47+D3E D4C=D46+D57 DDA=DD9 DDC=DD9+DCF DDD=DD9+DCF DDE=DD9+DDF
        1B06=1B05+1B35 1B08=1B07+1B35 1B0A=1B09+1B35 1B0C=1B0B+1B35 1B0E=1B0D+1B35 1B12=1B11+1B35 1B3B=1B35 1B3D=1B35
        1B40=1B3E+1B35 1B41=1B3F+1B35 1B43=1B35 2000=2002 2001=2003 1134B=11347+1133E 1134C=11347+11357 114BB=114B9
        114BC=114B9+114B0 114BE=114B9+114BD 115BA=115B8+115AF 115BB=115B9+115AF 11938=11935+11930 1D15E=1D157+1D165
        1D15F=1D158+1D165 1D160=1D158+1D165+1D16E 1D161=1D158+1D165+1D16F 1D162=1D158+1D165+1D170 1D163=1D158+1D165+1D171
        1D164=1D158+1D165+1D172 1D1BB=1D1B9+1D165 1D1BC=1D1BA+1D165 1D1BD=1D1B9+1D165+1D16E 1D1BE=1D1BA+1D165+1D16E
        1D1BF=1D1B9+1D165+1D16F 1D1C0=1D1BA+1D165+1D16F
        """;

    private static readonly FrozenDictionary<int, string> s_bases = Read();

    /// <summary>Appends the character without its non-spacing marks: nothing where it is one itself.</summary>
    public static void Append(Rune rune, List<Rune> destination)
    {
        int code = rune.Value;
        if (code is >= FirstHangul and <= LastHangul)
        {
            int index = code - FirstHangul, trailing = index % Trailings;
            destination.Add(new Rune(Leading + index / (Vowels * Trailings)));
            destination.Add(new Rune(Vowel + index / Trailings % Vowels));
            if (trailing > 0) destination.Add(new Rune(Trailing + trailing));
        }
        else if (code >= 0xC0 && s_bases.TryGetValue(code, out string? bases))
        {
            foreach (Rune left in bases.EnumerateRunes()) destination.Add(left);
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            destination.Add(rune);
        }
    }

    private static FrozenDictionary<int, string> Read()
    {
        var bases = new Dictionary<int, string>();
        string[] runs = Fields(Runs);
        for (int i = 0; i < runs.Length; i += 2)
        {
            int code = Code(runs[i]);
            foreach (Rune left in runs[i + 1].EnumerateRunes()) bases.Add(code++, left.ToString());
        }
        foreach (string field in Fields(Several))
        {
            int split = field.IndexOf('=', StringComparison.Ordinal);
            bases.Add(Code(field[..split]), string.Concat(field[(split + 1)..].Split('+').Select(code => new Rune(Code(code)).ToString())));
        }
        return bases.ToFrozenDictionary();
    }

    private static string[] Fields(string table) => table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static int Code(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
