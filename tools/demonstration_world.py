"""What the demonstration's group looks like: regions, how many plants of a kind, what is added to the sources."""

BEGINS = "2000-01-01"
REGIONS = {
    "NORTH": ("华北区域公司", "North China Company", ["北京", "天津", "河北", "山西", "山东"]),
    "NORTHEAST": ("东北区域公司", "Northeast Company", ["辽宁", "吉林", "黑龙江"]),
    "MONGOLIA": ("内蒙古区域公司", "Inner Mongolia Company", ["内蒙古"]),
    "EAST": ("华东区域公司", "East China Company", ["上海", "江苏", "浙江", "安徽", "福建"]),
    "CENTRAL": ("华中区域公司", "Central China Company", ["河南", "湖北", "湖南", "江西"]),
    "SOUTH": ("南方区域公司", "South China Company", ["广东", "广西", "海南", "贵州", "云南"]),
    "SOUTHWEST": ("西南区域公司", "Southwest Company", ["四川", "重庆", "西藏"]),
    "NORTHWEST": ("西北区域公司", "Northwest Company", ["陕西", "甘肃", "青海", "宁夏", "新疆"]),
}
REGION_OF = {province: region for region, (_zh, _en, provinces) in REGIONS.items() for province in provinces}
PROVINCES = {
    "Beijing": "北京", "Tianjin": "天津", "Hebei": "河北", "Shanxi": "山西", "Shandong": "山东", "Liaoning": "辽宁",
    "Jilin": "吉林", "Heilongjiang": "黑龙江", "Shanghai": "上海", "Jiangsu": "江苏", "Zhejiang": "浙江",
    "Anhui": "安徽", "Fujian": "福建", "Henan": "河南", "Hubei": "湖北", "Hunan": "湖南", "Jiangxi": "江西",
    "Guangdong": "广东", "Guangxi": "广西", "Hainan": "海南", "Guizhou": "贵州", "Yunnan": "云南", "Sichuan": "四川",
    "Chongqing": "重庆", "Tibet": "西藏", "Xizang": "西藏", "Shaanxi": "陕西", "Gansu": "甘肃", "Qinghai": "青海",
    "Ningxia": "宁夏", "Xinjiang": "新疆", "Inner Mongolia": "内蒙古",
}  # fmt: skip
SHARES = {"coal": 24, "hydro": 14, "nuclear": 2}  # plants a region, the largest of its provinces
COGENERATION = {  # how many more plants of a province that supply heat
    "天津": 1, "河北": 2, "山西": 1, "山东": 1, "辽宁": 2, "吉林": 2, "黑龙江": 2, "内蒙古": 1, "江苏": 1, "河南": 1,
    "湖北": 1, "广东": 1, "甘肃": 1, "陕西": 1, "宁夏": 1, "青海": 1,
}  # fmt: skip

# Still under construction in the sources of 2023: the years are theirs, the days are made.
NEW_NUCLEAR = {
    ("国核示范电站", "2-1"): "2024-10-31",
    ("国核示范电站", "2-2"): "2025-10-16",
    ("漳州核电站", "1-1"): "2025-01-01",
    ("漳州核电站", "1-2"): "2026-01-20",
    ("太平岭核电站", "1-1"): "2025-10-10",
    ("太平岭核电站", "1-2"): "2026-06-20",
}
NEW_HYDRO = {"羊曲水电站": "2024-12-26", "大渡河硬梁包水电站": "2025-03-18", "黔江大藤峡水利枢纽水电站": "2023-06-20"}
NEW_PUMPED = {
    "阜康抽水蓄能电站": "2024-05-22", "镇安抽水蓄能电站": "2024-08-18", "芝瑞抽水蓄能电站": "2025-06-25",
    "缙云抽水蓄能电站": "2024-12-30", "平江抽水蓄能电站": "2025-09-12", "五岳抽水蓄能电站": "2025-04-17",
    "浪江抽水蓄能电站": "2025-12-15",
}  # fmt: skip
RESERVOIRS = {
    "长江三峡水电站": ("三峡水库", "Three Gorges reservoir"),
    "清江水布垭水电站": ("水布垭水库", "Shuibuya reservoir"),
    "清江隔河岩水电站": ("隔河岩水库", "Geheyan reservoir"),
    "小浪底水电站": ("小浪底水库", "Xiaolangdi reservoir"),
    "汉水丹江口水电站": ("丹江口水库", "Danjiangkou reservoir"),
    "澜沧江糯扎渡水电站": ("糯扎渡水库", "Nuozhadu reservoir"),
    "红水河龙滩水电站": ("龙滩水库", "Longtan reservoir"),
    "澜沧江小湾水电站": ("小湾水库", "Xiaowan reservoir"),
    "乌江构皮滩水电站": ("构皮滩水库", "Goupitan reservoir"),
    "雅砻江锦屏一级水电站": ("锦屏一级水库", "Jinping I reservoir"),
    "大渡河瀑布沟水电站": ("瀑布沟水库", "Pubugou reservoir"),
    "雅砻江二滩水电站": ("二滩水库", "Ertan reservoir"),
    "雅砻江两河口水电站": ("两河口水库", "Lianghekou reservoir"),
    "龙羊峡水电站": ("龙羊峡水库", "Longyangxia reservoir"),
    "刘家峡水电站": ("刘家峡水库", "Liujiaxia reservoir"),
    "白山水电站": ("白山水库", "Baishan reservoir"),
    "丰满水电站": ("丰满水库", "Fengman reservoir"),
    "新安江水电站": ("新安江水库", "Xin'anjiang reservoir"),
    "汉水安康水电站": ("安康水库", "Ankang reservoir"),
    "尼尔基水电站": ("尼尔基水库", "Nierji reservoir"),
}

# Of no source: kind, city, its province and position, MW (of a unit for biomass).
CITIES = {
    "NORTH": [
        ("storage", "唐山", "Tangshan", "河北", 118.18, 39.63, 100),
        ("storage", "泰安", "Tai'an", "山东", 117.09, 36.20, 200),
        ("heat", "北京", "Beijing", "北京", 116.40, 39.91, 0),
        ("virtual", "济南", "Jinan", "山东", 117.12, 36.65, 260),
        ("biomass", "菏泽", "Heze", "山东", 115.48, 35.23, 30),
    ],
    "NORTHEAST": [
        ("storage", "沈阳", "Shenyang", "辽宁", 123.43, 41.80, 100),
        ("heat", "长春", "Changchun", "吉林", 125.32, 43.82, 0),
        ("heat", "哈尔滨", "Harbin", "黑龙江", 126.53, 45.80, 0),
        ("biomass", "绥化", "Suihua", "黑龙江", 126.97, 46.65, 30),
        ("biomass", "松原", "Songyuan", "吉林", 124.82, 45.14, 25),
    ],
    "MONGOLIA": [
        ("storage", "乌兰察布", "Ulanqab", "内蒙古", 113.13, 40.99, 150),
        ("heat", "呼和浩特", "Hohhot", "内蒙古", 111.75, 40.84, 0),
    ],
    "EAST": [
        ("storage", "镇江", "Zhenjiang", "江苏", 119.42, 32.19, 100),
        ("virtual", "上海", "Shanghai", "上海", 121.47, 31.23, 420),
        ("virtual", "合肥", "Hefei", "安徽", 117.23, 31.82, 180),
        ("biomass", "宿州", "Suzhou in Anhui", "安徽", 116.96, 33.65, 30),
    ],
    "CENTRAL": [
        ("storage", "长沙", "Changsha", "湖南", 112.94, 28.23, 120),
        ("biomass", "荆门", "Jingmen", "湖北", 112.20, 31.04, 30),
    ],
    "SOUTH": [
        ("storage", "佛山", "Foshan", "广东", 113.12, 23.02, 300),
        ("virtual", "深圳", "Shenzhen", "广东", 114.06, 22.55, 520),
        ("biomass", "湛江", "Zhanjiang", "广东", 110.36, 21.27, 50),
    ],
    "SOUTHWEST": [
        ("storage", "重庆", "Chongqing", "重庆", 106.55, 29.56, 100),
        ("biomass", "南充", "Nanchong", "四川", 106.11, 30.84, 15),
    ],
    "NORTHWEST": [
        ("storage", "宁东", "Ningdong", "宁夏", 106.60, 38.10, 200),
        ("storage", "哈密", "Hami", "新疆", 93.51, 42.83, 150),
        ("heat", "西安", "Xi'an", "陕西", 108.94, 34.34, 0),
        ("heat", "乌鲁木齐", "Urumqi", "新疆", 87.62, 43.83, 0),
    ],
}
